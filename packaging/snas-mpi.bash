# bash completion of snas-mpi: that of snas.
_completion_loader snas 2>/dev/null
complete -F _snas snas-mpi
