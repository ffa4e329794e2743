"""The gevent server: accepts connections, reads requests, sends responses. The only place for gevent."""
