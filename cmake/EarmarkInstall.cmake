# What `cmake --install` puts where: the library with its headers, CMake package and pkg-config files, the models, the licence, man pages and
# completions. The programs are installed where they are made, in apps/.
include(CMakePackageConfigHelpers)
set(EARMARK_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/earmark")

# Component `library`: all that other programs need.
install(TARGETS earmark EXPORT earmarkTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT library
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT library NAMELINK_COMPONENT library)
install(DIRECTORY include/earmark DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT library FILES_MATCHING PATTERN "*.hpp" PATTERN "*.h")
install(DIRECTORY models/ DESTINATION "${CMAKE_INSTALL_DATADIR}/earmark/models" COMPONENT library
  FILES_MATCHING PATTERN "*.safetensors" PATTERN "*.md")
install(FILES LICENSE README.md CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT library)
install(DIRECTORY examples DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT library)

if(TARGET earmark-documents)
  install(DIRECTORY "${CMAKE_BINARY_DIR}/share/man/" DESTINATION "${CMAKE_INSTALL_MANDIR}")
  foreach(folder IN ITEMS bash-completion/completions zsh/site-functions fish/vendor_completions.d)
    install(DIRECTORY "${CMAKE_BINARY_DIR}/share/${folder}/" DESTINATION "${CMAKE_INSTALL_DATADIR}/${folder}")
  endforeach()
endif()

install(EXPORT earmarkTargets NAMESPACE earmark:: DESTINATION "${EARMARK_CMAKE_DIR}" COMPONENT library)
configure_package_config_file(cmake/earmarkConfig.cmake.in "${CMAKE_CURRENT_BINARY_DIR}/earmarkConfig.cmake"
  INSTALL_DESTINATION "${EARMARK_CMAKE_DIR}")
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/earmarkConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/earmarkConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/earmarkConfigVersion.cmake"
  cmake/EarmarkDependencies.cmake DESTINATION "${EARMARK_CMAKE_DIR}" COMPONENT library)

# pkg-config. A static libearmark needs its libraries named; a shared one brings them itself.
set(EARMARK_PC_REQUIRES "")
set(EARMARK_PC_LIBS "")
set(EARMARK_PC_CFLAGS "")
if(NOT BUILD_SHARED_LIBS)
  set(EARMARK_PC_REQUIRES "fmt soxr libxxhash libhwy")
  if(EARMARK_FFT STREQUAL "fftw")
    string(APPEND EARMARK_PC_REQUIRES " fftw3f")
  else()
    string(APPEND EARMARK_PC_REQUIRES " libavutil")
  endif()
  if(EARMARK_FFMPEG STREQUAL "link")
    string(APPEND EARMARK_PC_REQUIRES " libavformat libavcodec libavutil")
  endif()
  # oneDNN has no pkg-config file everywhere. A C compiler does not link the C++ library by itself.
  string(JOIN " " EARMARK_PC_LIBS -ldnnl ${OpenMP_CXX_FLAGS} ${CMAKE_THREAD_LIBS_INIT} -lstdc++ -lm)
  foreach(library IN LISTS CMAKE_DL_LIBS)
    string(APPEND EARMARK_PC_LIBS " -l${library}")
  endforeach()
  set(EARMARK_PC_CFLAGS "-DEARMARK_STATIC")
endif()
# earmark.pc asks for the C++ that the headers need; earmark-c.pc is for programs that use earmark.h alone.
set(EARMARK_PC_DIR "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig")
file(RELATIVE_PATH EARMARK_PC_TO_PREFIX "${EARMARK_PC_DIR}" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" EARMARK_PC_TO_PREFIX "${EARMARK_PC_TO_PREFIX}")
file(RELATIVE_PATH EARMARK_PC_LIBDIR "${CMAKE_INSTALL_PREFIX}" "${CMAKE_INSTALL_FULL_LIBDIR}")
file(RELATIVE_PATH EARMARK_PC_INCLUDEDIR "${CMAKE_INSTALL_PREFIX}" "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
file(RELATIVE_PATH EARMARK_PC_MODELDIR "${CMAKE_INSTALL_PREFIX}" "${CMAKE_INSTALL_FULL_DATADIR}/earmark/models")
set(EARMARK_PC_NAME "Earmark's C interface")
configure_file(cmake/earmark.pc.in "${CMAKE_CURRENT_BINARY_DIR}/earmark-c.pc" @ONLY)
set(EARMARK_PC_NAME "Earmark")
string(APPEND EARMARK_PC_CFLAGS " -std=c++20")
configure_file(cmake/earmark.pc.in "${CMAKE_CURRENT_BINARY_DIR}/earmark.pc" @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/earmark.pc" "${CMAKE_CURRENT_BINARY_DIR}/earmark-c.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT library)
