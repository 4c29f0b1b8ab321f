"""The practice site: pages made on the server, which need no script and answer with the piece that changed to one."""
