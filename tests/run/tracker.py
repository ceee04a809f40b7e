#!/usr/bin/env python3
"""tracker.py STATE: a small issue tracker on loopback that speaks the few GitHub and GitLab calls of the scripts.

Prints its port. Keeps everything in STATE (JSON) and writes each call to STATE.log, so that a test can look at it.
Read again at each call, where they are there:
  STATE.fail          lines `METHOD-and-path-regex TAB status [TAB body]`: such a call gets that answer and changes nothing
  STATE.environments  {name: [status, body]}: what GET …/environments/NAME answers
"""
import json
import os
import re
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, unquote, urlparse

state_file = sys.argv[1]
state = {"issues": [], "notes": []}
if os.path.exists(state_file):
    with open(state_file) as kept:
        state = json.load(kept)


def read(suffix):
    path = state_file + suffix
    if not os.path.exists(path):
        return ""
    with open(path) as file:
        return file.read()


class Tracker(BaseHTTPRequestHandler):
    def send(self, code, text, kind="application/json"):
        data = text.encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def answer(self, code, body):
        with open(state_file, "w") as out:
            json.dump(state, out, indent=1)
        self.send(code, json.dumps(body))

    def log_message(self, *_):
        with open(state_file + ".log", "a") as out:
            out.write(f"{self.command} {self.path}\n")

    def issue(self, number):
        return next((i for i in state["issues"] if i["number"] == int(number)), None)

    def handle_call(self):
        url, length = urlparse(self.path), int(self.headers.get("Content-Length") or 0)
        query = parse_qs(url.query)
        content = self.rfile.read(length)
        for line in read(".fail").splitlines():
            pattern, code, *text = line.split("\t")
            if re.search(pattern, f"{self.command} {self.path}"):
                return self.send(int(code), text[0] if text else '{"message": "made to fail"}', "text/html")
        github = self.headers.get("Authorization") == "Bearer mock-token"
        gitlab = self.headers.get("PRIVATE-TOKEN") == "mock-token"
        if not github and not gitlab:
            return self.answer(401, {"message": "no token"})
        body = json.loads(content or b"{}")
        path = re.sub(r"^(/repos/[^/]+/[^/]+|/api/v4/projects/[^/]+)/", "", url.path)
        text = "body" if github else "description"
        create = self.command == "POST"
        change = self.command == ("PATCH" if github else "PUT")

        def show(issue):
            shown = dict(issue, iid=issue["number"], labels=[{"name": label} for label in issue["labels"]])
            shown[text] = shown.pop("text")
            return shown

        if github and self.command == "GET" and (m := re.fullmatch(r"environments/([^/]+)", path)):
            known = json.loads(read(".environments") or "{}")
            code, shown = known.get(unquote(m[1]), [404, {"message": "Not Found"}])
            return self.answer(code, shown)
        if path == "issues" and self.command == "GET":
            is_open = query["state"][0] in ("open", "opened")
            found = [i for i in state["issues"] if (i["state"] == "open") == is_open and query["labels"][0] in i["labels"]]
            size, page = int(query.get("per_page", ["20"])[0]), int(query.get("page", ["1"])[0])
            return self.answer(200, [show(i) for i in found[size * (page - 1):size * page]])
        if path == "issues" and create:
            labels = body["labels"] if github else body["labels"].split(",")
            issue = {"number": len(state["issues"]) + 1, "title": body["title"], "text": body[text], "labels": labels,
                     "state": "open", "edits": 0, "comments": []}
            state["issues"].append(issue)
            return self.answer(201, show(issue))
        if (m := re.fullmatch(r"issues/(\d+)", path)) and change and (issue := self.issue(m[1])):
            if text in body:
                issue["text"], issue["edits"] = body[text], issue["edits"] + 1
            if body.get("state") == "closed" or body.get("state_event") == "close":
                issue["state"] = "closed"
            return self.answer(200, show(issue))
        # Comments: on an issue (kept with it), or on a pull or merge request (number 7 in the tests).
        if (m := re.fullmatch(r"(issues|merge_requests)/(\d+)/(comments|notes)", path)):
            issue = self.issue(m[2]) if m[1] == "issues" and m[2] != "7" else None
            if create and issue:
                issue["comments"].append(body["body"])
                return self.answer(201, {"id": len(issue["comments"])})
            if create:
                note = {"id": len(state["notes"]) + 1, "body": body["body"], "system": False, "user": {"type": "Bot"}, "edits": 0}
                state["notes"].append(note)
                return self.answer(201, note)
            return self.answer(200, state["notes"])
        if (m := re.fullmatch(r"(issues/comments|merge_requests/\d+/notes)/(\d+)", path)) and change:
            note = state["notes"][int(m[2]) - 1]
            note["body"], note["edits"] = body["body"], note["edits"] + 1
            return self.answer(200, note)
        return self.answer(404, {"message": f"{self.command} {path}"})

    do_GET = do_POST = do_PATCH = do_PUT = handle_call


server = HTTPServer(("127.0.0.1", 0), Tracker)
print(server.server_address[1], flush=True)
server.serve_forever()
