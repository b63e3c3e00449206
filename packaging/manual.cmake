# manual.cmake -- have the program SNAS write its manual pages into FOLDER: snas.1, and one a command.
file(GLOB old ${FOLDER}/*.1)
if(old)
  file(REMOVE ${old})
endif()
file(MAKE_DIRECTORY ${FOLDER})

# A line a command: its name, a tab, what it does.
execute_process(COMMAND ${SNAS} complete -- "" OUTPUT_VARIABLE lines COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" lines "${lines}")
execute_process(COMMAND ${SNAS} help --man OUTPUT_FILE ${FOLDER}/snas.1 COMMAND_ERROR_IS_FATAL ANY)
foreach(line IN LISTS lines)
  string(REGEX REPLACE "\t.*" "" command "${line}")
  execute_process(COMMAND ${SNAS} help --man ${command} OUTPUT_FILE ${FOLDER}/snas-${command}.1
                  COMMAND_ERROR_IS_FATAL ANY)
endforeach()
file(TOUCH ${FOLDER}/written)
