// `node web-server.js FOLDER`: serves FOLDER/HOST/PATH over HTTPS, with the certificate in
// FOLDER, and redirects requests over HTTP as google.com does. Prints a line when it listens.

import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { join, normalize } from 'node:path'

const folder = process.argv[2] ?? ''

const moved = `<HTML><HEAD><meta http-equiv="content-type" content="text/html;charset=utf-8">
<TITLE>301 Moved</TITLE></HEAD><BODY>
<H1>301 Moved</H1>
The document has moved
<A HREF="http://www.google.com/">here</A>.
</BODY></HTML>
`.replaceAll('\n', '\r\n')

const tls = {
  key: readFileSync(join(folder, 'tls.key')),
  cert: readFileSync(join(folder, 'tls.crt')),
}
const plain = createServer((_, response) => {
  response.writeHead(301, { Location: 'http://www.google.com/' }).end(moved)
})
const secure = createSecureServer(tls, ({ headers, url = '/' }, response) => {
  const file = join(folder, headers.host ?? '', normalize(url))
  if (existsSync(file)) response.end(readFileSync(file))
  else response.writeHead(404).end()
})
plain.listen(80)
secure.listen(443)
await Promise.all([once(plain, 'listening'), once(secure, 'listening')])
console.log('ready')
