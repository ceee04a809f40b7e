#!/usr/bin/env python3
"""sts.py LOG: stands for AWS on loopback. Gives credentials to whoever asks, has no bucket, and writes down who asked for what.

Prints its port. Lines of LOG: `ACTION ROLE SESSION TOKEN by ACCESS-KEY`, `GET PATH by ACCESS-KEY`."""
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

GIVEN = ("<Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>x</SessionToken>"
         "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>")
CALLER = "<Arn>arn:aws:sts::444455556666:assumed-role/x/y</Arn><UserId>x</UserId><Account>444455556666</Account>"


class Account(BaseHTTPRequestHandler):
    def send(self, code, text):
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass

    def note(self, words):
        caller = self.headers.get("Authorization", "nobody").split("/")[0].removeprefix("AWS4-HMAC-SHA256 Credential=")
        with open(sys.argv[1], "a") as log:
            log.write(f"{words} by {caller}\n")

    def do_POST(self):
        query = {k: v[0] for k, v in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()}
        action = query["Action"]
        self.note(" ".join([action] + [query.get(k, "-") for k in ("RoleArn", "RoleSessionName", "WebIdentityToken")]))
        inner = CALLER if action == "GetCallerIdentity" else GIVEN
        self.send(200, f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>{inner}</{action}Result></{action}Response>')

    def do_GET(self):
        if self.path == "/build":  # the role of a CodeBuild build
            return self.send(200, '{"AccessKeyId": "ASIABUILD", "SecretAccessKey": "x", "Token": "x", "Expiration": "2099-01-01T00:00:00Z"}')
        self.note(f"GET {self.path}")
        return self.send(404, '<?xml version="1.0"?><Error><Code>NoSuchBucket</Code><Message>no</Message></Error>')

    do_HEAD = do_GET


server = HTTPServer(("127.0.0.1", 0), Account)
print(server.server_address[1], flush=True)
server.serve_forever()
