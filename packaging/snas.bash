# bash completion of snas. The program itself says what may come: `snas complete` has a line a word, and lines that ask
# for files. bash cuts words at =, so they are put together again here, and the part before the last = is left out.

_snas()
{
    local rest=${COMP_LINE:0:COMP_POINT} piece space i
    local -a words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        space=${rest%%[^[:space:]]*}
        rest=${rest:${#space}}
        piece=${COMP_WORDS[i]}
        if ((i == COMP_CWORD)); then
            piece=$rest
        fi
        rest=${rest:${#piece}}
        if [[ $i == 0 || -n $space ]]; then
            words+=("$piece")
        else
            words[-1]+=$piece
        fi
    done

    local word=${words[-1]} value before="" after
    [[ $word == *=* ]] && before=${word%"${word##*=}"}
    after=${word:${#before}}
    [[ $COMP_WORDBREAKS == *=* ]] || before=""
    local cut=${#before} lead=""
    [[ $COMP_WORDBREAKS == *=* ]] || lead=${word%"$after"}

    COMPREPLY=()
    while IFS=$'\t' read -r value _; do
        case $value in
        :files*) _snas_files "$lead" "$after" "${value#:files }" ;;
        :folders) _snas_files "$lead" "$after" "" ;;
        :runs) _snas_runs "$lead" "$after" ;;
        "$word"*) COMPREPLY+=("${value:cut}") ;;
        esac
    done < <("${words[0]/#\~/$HOME}" complete -- "${words[@]:1}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then
        compopt -o nospace
    fi
}

# _snas_files LEAD WORD PATTERN: folders, and files that fit the pattern (none when it is empty).
_snas_files()
{
    local path
    compopt -o filenames
    while IFS= read -r path; do
        # shellcheck disable=SC2053 # a pattern
        if [[ -d ${path/#\~/$HOME} || (-n $3 && $path == $3) ]]; then
            COMPREPLY+=("$1$path")
        fi
    done < <(compgen -f -- "$2")
}

# _snas_runs LEAD WORD: folders; with nothing typed also those of runs/ that hold a run.
_snas_runs()
{
    local config
    _snas_files "$1" "$2" ""
    if [[ -z $2 ]]; then
        for config in runs/*/config.json; do
            [[ -e $config ]] && COMPREPLY+=("$1${config%/config.json}")
        done
    fi
}

complete -F _snas snas
