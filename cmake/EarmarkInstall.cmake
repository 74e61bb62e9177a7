# What `cmake --install` puts where: the library with its headers and CMake package, the models, the licence, man pages and
# completions. The programs are installed where they are made, in apps/.
include(CMakePackageConfigHelpers)
set(EARMARK_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/earmark")

install(TARGETS earmark EXPORT earmarkTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY include/earmark DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.hpp" PATTERN "*.h")
install(DIRECTORY models/ DESTINATION "${CMAKE_INSTALL_DATADIR}/earmark/models"
  FILES_MATCHING PATTERN "*.safetensors" PATTERN "*.md")
install(FILES LICENSE README.md CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")

if(TARGET earmark-documents)
  install(DIRECTORY "${CMAKE_BINARY_DIR}/share/man/" DESTINATION "${CMAKE_INSTALL_MANDIR}")
  foreach(folder IN ITEMS bash-completion/completions zsh/site-functions fish/vendor_completions.d)
    install(DIRECTORY "${CMAKE_BINARY_DIR}/share/${folder}/" DESTINATION "${CMAKE_INSTALL_DATADIR}/${folder}")
  endforeach()
endif()

install(EXPORT earmarkTargets NAMESPACE earmark:: DESTINATION "${EARMARK_CMAKE_DIR}")
configure_package_config_file(cmake/earmarkConfig.cmake.in "${CMAKE_CURRENT_BINARY_DIR}/earmarkConfig.cmake"
  INSTALL_DESTINATION "${EARMARK_CMAKE_DIR}")
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/earmarkConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/earmarkConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/earmarkConfigVersion.cmake"
  cmake/EarmarkDependencies.cmake DESTINATION "${EARMARK_CMAKE_DIR}")
