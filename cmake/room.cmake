# SPDX-License-Identifier: MIT
# For builds from nothing, as a package's or CI's. Off for daily work: ccache serves that better.
option(PWLOG_PRECOMPILE "Parse the headers that most sources include once for all" OFF)

# For the same builds: a header that eight sources include is parsed once. Their names share one unnamed
# namespace then, which the compiler holds them to.
option(PWLOG_TOGETHER "Compile the sources of a room eight at a time" OFF)

# Most of the program waits for a line of 2400 baud, a server or a person. With -Os there the file is a fifth smaller;
# with -Og a build takes three quarters of the time.
set(PWLOG_WAITING_OPTIONS "" CACHE STRING "Compiler options of the rooms and tests that are not said to be FAST")
add_library(pwlog_waiting INTERFACE)
target_compile_options(pwlog_waiting INTERFACE ${PWLOG_WAITING_OPTIONS})

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

# pwlog_room(NAME [FAST] [APART] SOURCES a.cpp … LINK other targets …): the library target of one folder under src/.
# FAST: it works more than it waits. APART: its sources name things alike, and are compiled one by one.
function(pwlog_room name)
    cmake_parse_arguments(ARG "FAST;APART" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
    add_library(pwlog_${name} STATIC ${ARG_SOURCES})
    target_compile_features(pwlog_${name} PUBLIC cxx_std_20)
    set_target_properties(pwlog_${name} PROPERTIES CXX_EXTENSIONS OFF)
    target_include_directories(pwlog_${name} PUBLIC "${PROJECT_SOURCE_DIR}/src")
    target_link_libraries(pwlog_${name} PUBLIC ${ARG_LINK} PRIVATE pwlog_warnings ${ARG_PRIVATE_LINK})
    if(PWLOG_TOGETHER AND NOT ARG_APART)
        set_target_properties(pwlog_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
        target_link_libraries(pwlog_${name} PRIVATE pwlog_together)
    endif()
    set(waiting)
    if(PWLOG_WAITING_OPTIONS AND NOT ARG_FAST)
        set(waiting pwlog_waiting)
    endif()
    target_link_libraries(pwlog_${name} PRIVATE ${waiting})
    if(PWLOG_PRECOMPILE)
        set(headers pwlog_room_headers${waiting})
        if(NOT TARGET ${headers})
            pwlog_headers(${headers} "${PROJECT_SOURCE_DIR}/cmake/precompiled.h" LINK ${waiting})
            set_target_properties(${headers} PROPERTIES CXX_EXTENSIONS OFF)  # as the rooms
        endif()
        target_precompile_headers(pwlog_${name} REUSE_FROM ${headers})
    endif()
endfunction()

# Warnings are one interface target; they become errors where CMAKE_COMPILE_WARNING_AS_ERROR is on
# (the CI presets), so that a newer compiler never stops a newcomer.
add_library(pwlog_warnings INTERFACE)
target_compile_options(pwlog_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast)

# Of sources that are compiled together: g++ takes an included one for a header, in which a type of an unnamed
# namespace would be another in each; a name may shadow another source's; and g++ 12 no longer sees that what it finds
# by inlining std::string lies in a system's header. Where each source is compiled by itself all these warnings hold.
add_library(pwlog_together INTERFACE)
target_compile_options(pwlog_together INTERFACE
    -Wno-subobject-linkage -Wno-shadow -Wno-stringop-overflow -Wno-array-bounds -Wno-restrict)
