"""HTTP without sockets: framing, response bytes, CORS, endpoints, the WSGI environ. No gevent here."""
