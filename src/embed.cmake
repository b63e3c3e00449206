# embed.cmake -- a file as bytes in the program.

# snas_embed(ROOM FILE NAME HEADER): in the room's library, `const unsigned char NAME[]` holds the file and
# `const size_t NAME_size` its bytes; HEADER, of the room, declares both.
function(snas_embed room file name header)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "(................................)" "\\1\n    " hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
  get_filename_component(what ${file} NAME)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/${name}.c @ONLY CONTENT
"/* Made of @what@ by the build. */
#include \"@header@\"

const unsigned char @name@[] = {
    @hex@};
const size_t @name@_size = sizeof @name@;
")
  target_sources(snas_${room} PRIVATE ${PROJECT_BINARY_DIR}/${name}.c)
endfunction()
