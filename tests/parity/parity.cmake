# The golden cases: each passes `snas verify` in single and double precision, spoiled copies of it fail.
file(GLOB cases CONFIGURE_DEPENDS tests/parity/*.safetensors.gz)
foreach(case IN LISTS cases)
  get_filename_component(name ${case} NAME_WE)
  add_test(NAME parity.${name} COMMAND ${SNAS_PYTHON} tests/parity/check.py $<TARGET_FILE:snas> ${case}
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(parity.${name} PROPERTIES LABELS parity)
endforeach()
