# cpack.cmake -- packages by `cpack`: a .deb of what is installed, and an archive of the sources.
set(CPACK_PACKAGE_VENDOR "The snas authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "neural architecture search for image classifiers, on the CPU")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)

# Who makes a package says so as Debian's own tools have it.
set(maintainer "The snas authors <snas@snas.invalid>")
if(DEFINED ENV{DEBEMAIL} AND DEFINED ENV{DEBFULLNAME})
  set(maintainer "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
endif()
set(SNAS_MAINTAINER "${maintainer}" CACHE STRING "Of the .deb: NAME <ADDRESS>")

find_program(DPKG dpkg)
mark_as_advanced(DPKG)
if(DPKG)
  set(CPACK_GENERATOR DEB)
else()
  set(CPACK_GENERATOR TGZ)
endif()
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${SNAS_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libopenblas0-pthread | libopenblas0")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "bash-completion, man-db, curl | wget")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"snas searches for the cell of a convolutional network by stochastic neural
architecture search (SNAS) or one of its relatives, and trains the network of
the cell that it finds. It reads CIFAR-10, CIFAR-100 and folders of
photographs, stops and resumes at any step, and gives the same bytes for the
same seed.
.
The package has manual pages, completion for bash and zsh, configs to start
from, and the test accuracies of the 15,625 cells of NAS-Bench-201.")
# A package a component: what is installed, and snas-mpi where it is built.
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL snas)
set(CPACK_DEBIAN_SNAS_PACKAGE_NAME snas)
if(TARGET snas-mpi)
  list(APPEND CPACK_COMPONENTS_ALL mpi)
  set(CPACK_DEBIAN_MPI_PACKAGE_NAME snas-mpi)
  set(CPACK_DEBIAN_MPI_PACKAGE_DEPENDS "snas (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}), openmpi-bin")
  set(CPACK_DEBIAN_MPI_DESCRIPTION
"snas-mpi does what snas does by 1, 2, 4, 8 or 16 processes, which mpirun or a
batch system starts on one or many machines, to the same bytes.")
endif()
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/packaging/debian.cmake)

# The sources: what is not built, run, downloaded or of a version control.
string(REGEX REPLACE "([][+.*()^$?|\\\\])" "\\\\\\1" top "${PROJECT_SOURCE_DIR}")
set(CPACK_SOURCE_GENERATOR TGZ)
set(CPACK_SOURCE_PACKAGE_FILE_NAME snas-${PROJECT_VERSION})
set(CPACK_SOURCE_IGNORE_FILES "^${top}/build/" "^${top}/runs/" "^${top}/data/([^Rn]|R[^E]|n[^a])" "^${top}/[.]git(/|$)"
                              "/__pycache__/" "~$")
include(CPack)
