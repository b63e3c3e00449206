# debian.cmake -- of a .deb, before it is packed: what Debian wants otherwise than `cmake --install` puts it.
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()
set(share ${CPACK_TEMPORARY_DIRECTORY}/snas/usr/share)
set(mpi ${CPACK_TEMPORARY_DIRECTORY}/mpi/usr/share)
set(doc ${share}/doc/snas)
set(sources ${CMAKE_CURRENT_LIST_DIR}/..)

function(pack_file)
  execute_process(COMMAND gzip -9nf ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# zsh of Debian looks into a folder of its own for what packages bring.
file(MAKE_DIRECTORY ${share}/zsh/vendor-completions)
file(RENAME ${share}/zsh/site-functions/_snas ${share}/zsh/vendor-completions/_snas)
file(REMOVE_RECURSE ${share}/zsh/site-functions)

# Manual pages are packed.
file(GLOB pages ${share}/man/man1/*.1)
pack_file(${pages})

# The licence stands in copyright; the changelog where people look for it, and Debian's own.
file(RENAME ${doc}/LICENSE ${doc}/copyright)
file(READ ${sources}/packaging/copyright head)
file(READ ${doc}/copyright licence)
string(REGEX REPLACE "^MIT License\n+Copyright[^\n]*\n+" "" licence "${licence}")
string(REGEX REPLACE "\n+$" "" licence "${licence}")
string(REPLACE "\n\n" "\n.\n" licence "${licence}")
string(REPLACE "\n" "\n " licence "${licence}")
file(WRITE ${doc}/copyright "${head} ${licence}\n")
configure_file(${sources}/docs/changelog.md ${doc}/changelog COPYONLY)

file(STRINGS ${sources}/include/snas/base/version.h date REGEX "SNAS_VERSION_DATE")
string(REGEX MATCH "[0-9]+-[0-9]+-[0-9]+" date "${date}")
execute_process(COMMAND date -u -R -d ${date} OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
string(CONCAT debian
     "snas (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium\n\n"
     "  * Made by cpack from the sources of snas; changelog.gz says what is new.\n\n"
     " -- ${CPACK_DEBIAN_PACKAGE_MAINTAINER}  ${date}\n")
file(WRITE ${doc}/changelog.Debian "${debian}")
pack_file(${doc}/changelog ${doc}/changelog.Debian)

# The package beside it has the same texts.
if(EXISTS ${mpi})
  pack_file(${mpi}/man/man1/snas-mpi.1)
  file(COPY ${doc}/copyright ${doc}/changelog.gz DESTINATION ${mpi}/doc/snas-mpi)
  file(WRITE ${mpi}/doc/snas-mpi/changelog.Debian "${debian}")
  pack_file(${mpi}/doc/snas-mpi/changelog.Debian)
  file(WRITE ${mpi}/lintian/overrides/snas-mpi "snas-mpi: initial-upload-closes-no-bugs\n")
endif()

# The changelog closes no wish for a package: this one is for no archive.
file(WRITE ${share}/lintian/overrides/snas "snas: initial-upload-closes-no-bugs\n")
