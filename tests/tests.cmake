# Tests that are scripts: the rules of the tree, the command line by transcripts, whole runs.
find_program(SNAS_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)

foreach(rule includes headers names prints public lines sizes)
  add_test(NAME layers.${rule} COMMAND ${SNAS_PYTHON} tests/layers.py ${rule} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(layers.${rule} PROPERTIES ENVIRONMENT "CC=${CMAKE_C_COMPILER}" LABELS layers)
endforeach()

# The table of faults fits the tree; to plant them takes longer: tests/parity/parity.cmake.
add_test(NAME layers.faults COMMAND ${SNAS_PYTHON} tests/plant_faults.py --list WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(layers.faults PROPERTIES LABELS layers)

if(TARGET snas)
  include(tests/parity/parity.cmake)
  file(GLOB transcripts CONFIGURE_DEPENDS tests/cli/*.txt)
  foreach(transcript IN LISTS transcripts)
    get_filename_component(name ${transcript} NAME_WE)
    add_test(NAME cli.${name} COMMAND ${SNAS_PYTHON} tests/cli/transcript.py $<TARGET_FILE:snas> ${transcript}
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(cli.${name} PROPERTIES LABELS cli)
  endforeach()

  set(programs "SNAS=$<TARGET_FILE:snas>;")
  # Runs of several processes, where there is something to start them. A sanitizer has no say over Open MPI.
  if(TARGET snas-mpi AND NOT SNAS_SANITIZE AND MPIEXEC_EXECUTABLE)
    set(check_many check_many)
    string(APPEND programs "SNAS_MPI=$<TARGET_FILE:snas-mpi>;")
  endif()

  # Each class of these files is a test of its own, so that they run side by side.
  foreach(file
          check_documents
          check_install
          check_shells
          check_memory
          check_runs
          check_longer
          check_terminal
          check_tensorboard
          check_faults
          check_signals
          check_folder
          check_pack
          check_classes
          check_predict
          check_export
          check_diverged
          check_benchmark
          check_credit
          check_report
          check_pictures
          check_compare
          check_design
          check_commands
          ${check_many})
    file(STRINGS tests/cli/${file}.py classes REGEX "^class [A-Za-z0-9]+\\(.*TestCase\\):$")
    foreach(line IN LISTS classes)
      string(REGEX MATCH "^class ([A-Za-z0-9]+)" ignored "${line}")
      set(class ${CMAKE_MATCH_1})
      add_test(NAME cli.${class} COMMAND ${SNAS_PYTHON} tests/cli/${file}.py ${class}
               WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
      set_tests_properties(cli.${class} PROPERTIES
                           ENVIRONMENT "${programs}PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/support")
      if(NOT file MATCHES "documents|memory|classes|predict|export|diverged|benchmark|credit|report|pictures|commands")
        set_tests_properties(cli.${class} PROPERTIES LABELS e2e TIMEOUT 900)
      else()
        set_tests_properties(cli.${class} PROPERTIES LABELS cli)
      endif()
    endforeach()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS tests/cli/${file}.py)
  endforeach()
  set_tests_properties(cli.Tab cli.Installed PROPERTIES LABELS cli)
  set_tests_properties(cli.Package cli.Sources PROPERTIES LABELS slow TIMEOUT 1800)
endif()
