# The golden cases: each passes `snas verify` in single and double precision, spoiled copies of it fail.
file(GLOB cases CONFIGURE_DEPENDS tests/parity/*.safetensors.gz)
foreach(case IN LISTS cases)
  get_filename_component(name ${case} NAME_WE)
  add_test(NAME parity.${name} COMMAND ${SNAS_PYTHON} tests/parity/check.py $<TARGET_FILE:snas> ${case}
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(parity.${name} PROPERTIES LABELS parity)
endforeach()

# The oracle's random numbers are those of the paper: without PyTorch.
add_test(NAME parity.philox COMMAND ${SNAS_PYTHON} tests/parity/philox.py WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(parity.philox PROPERTIES LABELS parity)

# Two faults in a copy of the tree, which a case has to see; all of them: tests/plant_faults.py.
add_test(NAME parity.plant_faults COMMAND ${SNAS_PYTHON} tests/plant_faults.py --only 1,2
         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(parity.plant_faults PROPERTIES LABELS "parity;slow" TIMEOUT 1200 PROCESSORS 2
                     ENVIRONMENT "CC=${CMAKE_C_COMPILER}")

# Weights there and back: skipped where Debian's python3-torch is missing.
set(parity_environment "SNAS=$<TARGET_FILE:snas>;OMP_NUM_THREADS=1;PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/support")
add_test(NAME parity.weights COMMAND /usr/bin/python3 tests/parity/check_weights.py
         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(parity.weights PROPERTIES LABELS parity SKIP_RETURN_CODE 77 TIMEOUT 600
                     ENVIRONMENT "${parity_environment}")

# The same for a folder of pictures and the ImageNet stem.
add_test(NAME parity.photos COMMAND /usr/bin/python3 tests/parity/check_photos.py
         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(parity.photos PROPERTIES LABELS parity SKIP_RETURN_CODE 77 TIMEOUT 600
                     ENVIRONMENT "${parity_environment}")

# What `snas export` writes, run by others; 8-bit numbers as a test of their own, which runs beside.
add_test(NAME parity.export COMMAND /usr/bin/python3 tests/parity/check_export.py Torch Onnx C
         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
add_test(NAME parity.export_int8 COMMAND /usr/bin/python3 tests/parity/check_export.py Int8
         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(parity.export parity.export_int8 PROPERTIES LABELS parity SKIP_RETURN_CODE 77 TIMEOUT 600
                     ENVIRONMENT "${parity_environment}")

# The steps of search methods that bench-peer times are the oracle's.
add_test(NAME parity.search_steps COMMAND /usr/bin/python3 tests/parity/check_search_steps.py
         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(parity.search_steps PROPERTIES LABELS parity SKIP_RETURN_CODE 77 TIMEOUT 600
                     ENVIRONMENT "${parity_environment}")

# EXIF orientations against Pillow: skipped where Debian's python3-pil is missing.
add_test(NAME parity.orientation COMMAND /usr/bin/python3 tests/parity/check_orientation.py
         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(parity.orientation PROPERTIES LABELS parity SKIP_RETURN_CODE 77 TIMEOUT 600
                     ENVIRONMENT "${parity_environment}")
