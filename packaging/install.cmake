# install.cmake -- what `cmake --install` puts where: program, manual pages, completions, table, configs, documents.
set(SNAS_SHARE_DIR ${CMAKE_INSTALL_DATADIR}/snas)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME snas)
install(TARGETS snas RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# The program of several processes is a package of its own, since it alone needs Open MPI.
if(TARGET snas-mpi)
  install(TARGETS snas-mpi RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT mpi)
  install(FILES packaging/snas-mpi.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT mpi)
  install(FILES packaging/snas-mpi.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
          RENAME snas-mpi COMPONENT mpi)
endif()

# Tables, configs with their JSON Schemas, the scripts that fetch data sets, the module for PyTorch.
install(FILES data/nas-bench-201.csv.gz DESTINATION ${SNAS_SHARE_DIR})
install(DIRECTORY configs DESTINATION ${SNAS_SHARE_DIR} FILES_MATCHING PATTERN "*.json")
install(PROGRAMS scripts/get-cifar10 scripts/get-cifar100 DESTINATION ${SNAS_SHARE_DIR}/scripts)
install(FILES scripts/lib/get-cifar DESTINATION ${SNAS_SHARE_DIR}/scripts/lib)
install(FILES scripts/snas_torch.py DESTINATION ${SNAS_SHARE_DIR}/scripts)

# Documents; their links to each other hold.
install(FILES README.md LICENSE CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES data/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/data)

# Completions.
install(FILES packaging/snas.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME snas)
install(FILES packaging/_snas DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)

# Manual pages, which the program writes itself.
if(CMAKE_CROSSCOMPILING)
  message(STATUS "cross-compiling: no manual pages, the program cannot be run to write them")
else()
  set(manual ${PROJECT_BINARY_DIR}/man)
  add_custom_command(
    OUTPUT ${manual}/written
    COMMAND ${CMAKE_COMMAND} -DSNAS=$<TARGET_FILE:snas> -DFOLDER=${manual}
            -P ${PROJECT_SOURCE_DIR}/packaging/manual.cmake
    DEPENDS snas packaging/manual.cmake
    COMMENT "Writing the manual pages"
    VERBATIM)
  add_custom_target(manual ALL DEPENDS ${manual}/written)
  install(DIRECTORY ${manual}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
endif()
