"""Asks and posts on eight kept connections: kept ADDRESS SECONDS. Prints how often; ends with the first that fails."""

import http.client
import socket
import ssl
import sys
import time

CONTEXT = ssl._create_unverified_context()


class Connection(http.client.HTTPSConnection):
    def connect(self):
        self.sock = CONTEXT.wrap_socket(socket.create_connection((sys.argv[1], 443)), server_hostname="garden.test")


end, links, number = time.time() + float(sys.argv[2]), {}, 0
while time.time() < end:
    number += 1
    link = links.setdefault(number % 8, Connection("garden.test", timeout=10))
    link.request(*[("GET", "/"), ("POST", "/", "x=1")][number // 8 % 2])
    answer = link.getresponse()
    answer.read()
    if answer.status != 200:
        sys.exit(f"request {number}: {answer.status}")
    time.sleep(0.005)
print(number)
