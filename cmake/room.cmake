# SPDX-License-Identifier: MIT
# For builds from nothing, as a package's or CI's. Off for daily work: ccache serves that better.
option(PWLOG_PRECOMPILE "Parse the headers that most sources include once for all" OFF)

# pwlog_headers(NAME FILE [LINK targets]): makes a target that parses FILE once; others say REUSE_FROM.
function(pwlog_headers name file)
    cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
    file(GENERATE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp" CONTENT "")
    add_library(${name} OBJECT "${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp")
    target_compile_features(${name} PRIVATE cxx_std_20)
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${name} PRIVATE pwlog_warnings fmt::fmt ${ARG_LINK})
    target_precompile_headers(${name} PRIVATE "${file}")
endfunction()

# pwlog_room(NAME SOURCES a.cpp … LINK other targets …): the library target of one folder under src/.
function(pwlog_room name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
    add_library(pwlog_${name} STATIC ${ARG_SOURCES})
    target_compile_features(pwlog_${name} PUBLIC cxx_std_20)
    set_target_properties(pwlog_${name} PROPERTIES CXX_EXTENSIONS OFF)
    target_include_directories(pwlog_${name} PUBLIC "${PROJECT_SOURCE_DIR}/src")
    target_link_libraries(pwlog_${name} PUBLIC ${ARG_LINK} PRIVATE pwlog_warnings ${ARG_PRIVATE_LINK})
    if(PWLOG_PRECOMPILE)
        if(NOT TARGET pwlog_room_headers)
            pwlog_headers(pwlog_room_headers "${PROJECT_SOURCE_DIR}/cmake/precompiled.h")
            set_target_properties(pwlog_room_headers PROPERTIES CXX_EXTENSIONS OFF)  # as the rooms
        endif()
        target_precompile_headers(pwlog_${name} REUSE_FROM pwlog_room_headers)
    endif()
endfunction()

# Warnings are one interface target; they become errors where CMAKE_COMPILE_WARNING_AS_ERROR is on
# (the CI presets), so that a newer compiler never stops a newcomer.
add_library(pwlog_warnings INTERFACE)
target_compile_options(pwlog_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast)
