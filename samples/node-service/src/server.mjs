import { createServer } from "node:http";
import { greeting } from "./greeting.mjs";

export const server = createServer((request, response) => {
  const url = new URL(request.url, "http://localhost");
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
  response.end(`${greeting(url.searchParams.get("name"))}\n`);
});

if (process.argv[1] === new URL(import.meta.url).pathname) {
  server.listen(Number(process.env.PORT ?? 8080));
}
