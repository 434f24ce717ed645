# SPDX-License-Identifier: MIT
# Tests that talk to a real Elasticsearch share one node: ctest starts it before the first of them, on
# a free port, and ends it after the last. `ctest -LE node` leaves all of them out.
#
# The node's URL is the only line of this file while they run; pwlog_node_test() hands the file's name
# to C++ as test::node_file(). With PWLOG_ES_URL in the environment that server is used instead; it
# must hold no powerwalker-* index, as tests make and delete those. One test has the node at a time.
#
# A test that kills or configures its node starts one of its own, as one that is long does, for the others wait in a row
# for the shared one: scripts/es-node. PWLOG_OWN_NODE_TEST_PROPERTIES are theirs.
#
# COST is what ctest begins with where it runs several at a time; it knows no earlier run of a name with blanks.
set(PWLOG_TEST_NODE_FILE "${PROJECT_BINARY_DIR}/elastic-node/url")

set(node_fixture "${CMAKE_CURRENT_SOURCE_DIR}/node/fixture")
add_test(NAME "node: start" COMMAND "${node_fixture}" start "${PROJECT_BINARY_DIR}/elastic-node")
add_test(NAME "node: stop" COMMAND "${node_fixture}" stop "${PROJECT_BINARY_DIR}/elastic-node")
# The first start on a machine fetches Elasticsearch.
set_tests_properties("node: start" PROPERTIES FIXTURES_SETUP elastic_node LABELS node TIMEOUT 900)
set_tests_properties("node: stop" PROPERTIES FIXTURES_CLEANUP elastic_node LABELS node TIMEOUT 60)

set(PWLOG_OWN_NODE_TEST_PROPERTIES FIXTURES_REQUIRED elastic_node LABELS node)
set(PWLOG_NODE_TEST_PROPERTIES ${PWLOG_OWN_NODE_TEST_PROPERTIES} RESOURCE_LOCK elastic_node COST 1000)

# pwlog_node_test(ROOM [OWN] SOURCES a_test.cpp … [LINK more targets] [TIMEOUT s]): as pwlog_test, for the
# tests of a room that need the node; the executable is ROOM_node_test. OWN: each starts one of its own; ROOM_own_node_test.
function(pwlog_node_test room)
    cmake_parse_arguments(ARG "OWN" "TIMEOUT" "SOURCES;LINK" ${ARGN})
    set(test ${room}_node_test)
    set(properties ${PWLOG_NODE_TEST_PROPERTIES})
    if(ARG_OWN)
        set(test ${room}_own_node_test)
        set(properties ${PWLOG_OWN_NODE_TEST_PROPERTIES} COST 300)
    endif()
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 120)
    endif()
    add_executable(${test} ${ARG_SOURCES})
    target_link_libraries(${test} PRIVATE pwlog_${room} pwlog_test_support pwlog_warnings ${ARG_LINK})
    pwlog_test_sources(${test})
    catch_discover_tests(${test} TEST_PREFIX "${room}: "
        PROPERTIES TIMEOUT ${ARG_TIMEOUT} ${properties})
endfunction()
