# davit_library(NAME name SOURCES… DEPS… [GRPC])
#   One static library a folder: davit_<name>, alias davit::<name>. Headers are
#   included from the top of the tree. GRPC takes the precompiled headers with
#   gRPC's; without it only those of Protobuf and Abseil.
# davit_test(NAME name SOURCES… DEPS… [GRPC] [LABELS…])
#   One GoogleTest program a folder, found by CTest. Those that use the engine take turns.

function(_davit_precompile target grpc)
  # Tools that read a target's command find the precompiled messages without linking them.
  target_include_directories(${target} SYSTEM PRIVATE ${CMAKE_BINARY_DIR}/generated)
  if(grpc)
    target_precompile_headers(${target} REUSE_FROM davit_pch_grpc)
  else()
    target_precompile_headers(${target} REUSE_FROM davit_pch_base)
  endif()
endfunction()

function(davit_library)
  cmake_parse_arguments(ARG "GRPC" "NAME" "SOURCES;DEPS" ${ARGN})
  add_library(davit_${ARG_NAME} STATIC ${ARG_SOURCES})
  add_library(davit::${ARG_NAME} ALIAS davit_${ARG_NAME})
  target_include_directories(davit_${ARG_NAME} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(davit_${ARG_NAME} PUBLIC ${ARG_DEPS})
  _davit_precompile(davit_${ARG_NAME} "${ARG_GRPC}")
endfunction()

function(davit_test)
  if(NOT DAVIT_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "GRPC" "NAME" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${ARG_NAME} PRIVATE DAVIT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  _davit_precompile(${ARG_NAME} "${ARG_GRPC}")
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME})
  set_tests_properties(${ARG_NAME} PROPERTIES TIMEOUT 600 LABELS "${ARG_LABELS}")
  if("integration" IN_LIST ARG_LABELS)
    # One of these beside one of the whole programs': more would only wait for the engine.
    set_tests_properties(${ARG_NAME} PROPERTIES RESOURCE_LOCK containers)
  endif()
endfunction()
