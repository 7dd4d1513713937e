"""Goes over to another protocol, as a websocket does: upgrade ADDRESS. Prints the status, and the echo of a line."""

import socket
import ssl
import sys

HEAD = ("GET /upgrade HTTP/1.1", "Host: garden.test", "Connection: Upgrade", "Upgrade: echo", "", "")
plain = socket.create_connection((sys.argv[1], 443), 10)
link = ssl._create_unverified_context().wrap_socket(plain, server_hostname="garden.test")
link.sendall("\r\n".join(HEAD).encode())
file = link.makefile("rb")
print(file.readline().split()[1].decode())
while file.readline().strip():
    pass
link.sendall(b"back\n")
print(file.readline().decode().strip())
