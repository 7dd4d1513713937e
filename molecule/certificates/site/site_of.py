"""A site that says under which name it was asked."""


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['HTTP_HOST']}\n".encode()]
