"""Asks for a page ten times a second, each time by a new connection: watch ADDRESS SECONDS. Prints when it came."""

import http.client
import socket
import ssl
import sys
import time

CONTEXT = ssl._create_unverified_context()


class Connection(http.client.HTTPSConnection):
    def connect(self):
        self.sock = CONTEXT.wrap_socket(socket.create_connection((sys.argv[1], 443), 1), server_hostname="garden.test")


end = time.time() + float(sys.argv[2])
while time.time() < end:
    begun = time.time()
    try:
        link = Connection("garden.test", timeout=1)
        link.request("GET", "/")
        if link.getresponse().status == 200:
            print(time.time(), flush=True)
        link.close()
    except (OSError, http.client.HTTPException):
        pass
    time.sleep(max(0, begun + 0.1 - time.time()))
