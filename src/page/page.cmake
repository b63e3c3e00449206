# page.css as bytes in the program.
set(page_css ${PROJECT_SOURCE_DIR}/src/page/page.css)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page_css})
file(READ ${page_css} page_hex HEX)
string(REGEX REPLACE "(................................)" "\\1\n    " page_hex "${page_hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," page_hex "${page_hex}")
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/page_style.c @ONLY CONTENT
"/* Made of page.css by the build. */
#include \"style.h\"

const unsigned char page_style[] = {
    @page_hex@};
const size_t page_style_size = sizeof page_style;
")
target_sources(snas_page PRIVATE ${PROJECT_BINARY_DIR}/page_style.c)
