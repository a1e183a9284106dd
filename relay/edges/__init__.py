"""The doors: native host, HTTP and WebSocket server, command line, demo."""
