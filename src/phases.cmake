# penstock_phase(NAME DEPENDENCY...): one library per folder of src/. The link edges are the arrows of docs/architecture.md:
# a folder sees the headers of its dependencies because it links them, and scripts/layers reads the includes once more.
function(penstock_phase name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  add_library(penstock_${name} STATIC ${sources})
  target_include_directories(penstock_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(penstock_${name} PRIVATE penstock_flags PUBLIC fmt::fmt)
  foreach(dependency ${ARGN})
    target_link_libraries(penstock_${name} PUBLIC penstock_${dependency})
  endforeach()
endfunction()
