include(CMakePackageConfigHelpers)
set(EARMARK_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/earmark")
install(TARGETS earmark EXPORT earmarkTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY include/earmark DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY models/ DESTINATION "${CMAKE_INSTALL_DATADIR}/earmark/models" FILES_MATCHING PATTERN "*.safetensors" PATTERN "*.md")
install(EXPORT earmarkTargets NAMESPACE earmark:: DESTINATION "${EARMARK_CMAKE_DIR}")
configure_package_config_file(cmake/earmarkConfig.cmake.in "${CMAKE_CURRENT_BINARY_DIR}/earmarkConfig.cmake"
  INSTALL_DESTINATION "${EARMARK_CMAKE_DIR}")
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/earmarkConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/earmarkConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/earmarkConfigVersion.cmake"
  cmake/EarmarkDependencies.cmake DESTINATION "${EARMARK_CMAKE_DIR}")
