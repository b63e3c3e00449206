# The kernels: plain ones built twice, as float and as double; fused ones once an instruction set and vector length.
file(GLOB plain_sources CONFIGURE_DEPENDS src/kernel/plain/*.c)
foreach(build F32 F64)
  add_library(snas_plain_${build} OBJECT ${plain_sources})
  target_link_libraries(snas_plain_${build} PRIVATE snas_flags)
  target_compile_definitions(snas_plain_${build} PRIVATE SNAS_BUILD_${build})
  target_sources(snas_kernel PRIVATE $<TARGET_OBJECTS:snas_plain_${build}>)
endforeach()
