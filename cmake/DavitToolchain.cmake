# Compiler flags, one place for all targets.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

add_compile_options(-Wall -Wextra -Werror=return-type -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  add_compile_options(-Wthread-safety -Werror=thread-safety)
endif()

if(DAVIT_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

# With CMAKE_UNITY_BUILD, that many sources are compiled as one (docs/adr/0006).
set(CMAKE_UNITY_BUILD_BATCH_SIZE 12)

find_program(DAVIT_CCACHE ccache)
if(DAVIT_CCACHE)
  # Precompiled headers and ccache agree only with these; see its manual. No CCACHE_BASEDIR: a
  # precompiled header of one build folder would be taken for another's, generated headers and all.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${DAVIT_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    add_compile_options(-fpch-preprocess)
  elseif(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    add_compile_options(SHELL:-Xclang\ -fno-pch-timestamp)
  endif()
endif()

find_program(DAVIT_MOLD mold)
if(DAVIT_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
