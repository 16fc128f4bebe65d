# What `cmake --install` and the Debian packages (`cpack`) have, in the components client,
# controller and worker.
include(GNUInstallDirs)

set(made ${CMAKE_BINARY_DIR}/install)

# What the client says of itself.
set(said ${made}/davit.schema.json ${made}/completion.bash ${made}/completion.zsh ${made}/completion.fish)
add_custom_command(
  OUTPUT ${said}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${made}
  COMMAND davit completion bash > ${made}/completion.bash
  COMMAND davit completion zsh > ${made}/completion.zsh
  COMMAND davit completion fish > ${made}/completion.fish
  COMMAND davit schema > ${made}/davit.schema.json
  DEPENDS davit
  VERBATIM)
# As Debian wants it: compressed, and without the time of the build.
add_custom_command(
  OUTPUT ${made}/changelog.gz
  COMMAND ${CMAKE_COMMAND} -E make_directory ${made}
  COMMAND gzip -9nc ${CMAKE_SOURCE_DIR}/deploy/debian/changelog > ${made}/changelog.gz
  DEPENDS deploy/debian/changelog
  VERBATIM)
add_custom_target(davit_made_files ALL DEPENDS ${said} ${made}/changelog.gz)

# Guides refer to each other, so that each package has all of them.
function(_davit_install_docs component package)
  set(doc ${CMAKE_INSTALL_DATADIR}/doc/${package})
  install(FILES docs/backups.md docs/build.md docs/configuration.md docs/databases.md docs/davit-yaml.md docs/failures.md docs/files.md docs/glossary.md docs/install.md docs/preflight.md docs/rollback.md docs/secrets.md CHANGELOG.md
                deploy/debian/copyright ${made}/changelog.gz
          DESTINATION ${doc} COMPONENT ${component})
  install(PROGRAMS deploy/make-certificates.sh DESTINATION ${doc}/examples COMPONENT ${component})
endfunction()

install(TARGETS davit DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT client)
install(FILES ${made}/completion.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME davit COMPONENT client)
install(FILES ${made}/completion.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions
        RENAME _davit COMPONENT client)
install(FILES ${made}/completion.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
        RENAME davit.fish COMPONENT client)
install(FILES ${made}/davit.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/davit COMPONENT client)
_davit_install_docs(client davit)

# The example with the groups that a package makes: it has to load on a machine without them.
function(_davit_make_configuration name)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS deploy/config/${name}.yaml)
  file(READ deploy/config/${name}.yaml text)
  string(REGEX REPLACE "\n#(socket_(mode|group):)" "\n\\1" text "${text}")
  file(CONFIGURE OUTPUT ${made}/${name}.yaml CONTENT "${text}" @ONLY)
endfunction()

function(_davit_install_daemon name)
  install(TARGETS davit-${name} DESTINATION ${CMAKE_INSTALL_SBINDIR} COMPONENT ${name})
  # The place of the program is known when it is installed: cpack's is not ours.
  install(CODE "
    set(DAVIT_SBIN \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_SBINDIR}\")
    set(DAVIT_DOC \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/doc/davit-${name}\")
    configure_file(\"${CMAKE_SOURCE_DIR}/deploy/systemd/davit-${name}.service.in\"
                   \"${made}/davit-${name}.service\" @ONLY)" COMPONENT ${name})
  install(FILES ${made}/davit-${name}.service DESTINATION lib/systemd/system COMPONENT ${name})
  install(FILES deploy/systemd/davit-${name}.tmpfiles DESTINATION lib/tmpfiles.d
          RENAME davit-${name}.conf COMPONENT ${name})
  # Where the program looks for it, whatever the prefix.
  _davit_make_configuration(${name})
  install(FILES ${made}/${name}.yaml DESTINATION /etc/davit COMPONENT ${name})
  _davit_install_docs(${name} davit-${name})
endfunction()
_davit_install_daemon(controller)
_davit_install_daemon(worker)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "Davit's makers <davit@localhost>")
set(CPACK_PACKAGE_VENDOR Davit)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Releases containers step by step, and takes bad ones back")
set(CPACK_COMPONENTS_ALL client controller worker)
set(CPACK_STRIP_FILES ON)
# Absolute destinations want it: /etc.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_CLIENT_PACKAGE_NAME davit)
set(CPACK_DEBIAN_CLIENT_PACKAGE_SUGGESTS "davit-controller, davit-worker")
set(CPACK_COMPONENT_CLIENT_DESCRIPTION
    "The davit command: deploys to a controller, or to this machine by itself.")
set(CPACK_COMPONENT_CONTROLLER_DESCRIPTION
    "Keeps the records of deployments, and has workers carry them out.")
set(CPACK_COMPONENT_WORKER_DESCRIPTION
    "Carries out on a Docker host what a Davit controller asks for.")
set(CPACK_DEBIAN_WORKER_PACKAGE_RECOMMENDS "docker.io | docker-ce")
# Backups of databases that are no containers of the host.
set(CPACK_DEBIAN_WORKER_PACKAGE_SUGGESTS "postgresql-client")

function(_davit_package DAEMON DAEMON_GROUPS)
  foreach(script postinst prerm postrm)
    configure_file(deploy/debian/${script}.in ${made}/${DAEMON}/${script} @ONLY
      FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
    list(APPEND control ${made}/${DAEMON}/${script})
  endforeach()
  configure_file(deploy/debian/${DAEMON}.conffiles ${made}/${DAEMON}/conffiles COPYONLY)
  list(APPEND control ${made}/${DAEMON}/conffiles)
  string(TOUPPER ${DAEMON} component)
  set(CPACK_DEBIAN_${component}_PACKAGE_NAME davit-${DAEMON} PARENT_SCOPE)
  set(CPACK_DEBIAN_${component}_PACKAGE_DEPENDS "adduser, init-system-helpers" PARENT_SCOPE)
  set(CPACK_DEBIAN_${component}_PACKAGE_CONTROL_EXTRA "${control}" PARENT_SCOPE)
endfunction()
_davit_package(controller "davit davit-daemon")
_davit_package(worker "docker davit-daemon")

include(CPack)
