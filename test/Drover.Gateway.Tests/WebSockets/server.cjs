// An agent that speaks WebSocket by the npm package ws, as most do. The path names the connection, the query says what
// it does with its first message. Asked on standard input for a connection, it tells what it saw of it, once that ended.
'use strict';
const { createHash } = require('node:crypto');
const readline = require('node:readline');
const { WebSocketServer } = require('ws');

const seen = new Map();
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  maxPayload: 64 << 20,
  perMessageDeflate: { threshold: 0 },
  handleProtocols: (offered) => (offered.has('superchat') ? 'superchat' : false),
});

// A close frame as it stands on the wire, for codes that the package itself refuses to send.
const rawClose = (code) => Buffer.from([0x88, 2, code >> 8, code & 0xff]);
const isSendable = (code) =>
  (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);

const doings = {
  echo: (socket, data, isBinary) => socket.send(data, { binary: isBinary }),
  fragments: (socket, data, isBinary) => {
    const third = Math.ceil(data.length / 3);
    for (let part = 0; part < 3; part++) {
      socket.send(data.subarray(part * third, (part + 1) * third), { binary: isBinary, fin: part === 2 });
    }
  },
  close: (socket, data, isBinary, query) => {
    const code = Number(query.get('code'));
    if (!code) socket.close();
    else if (isSendable(code)) socket.close(code, query.get('reason') ?? '');
    else socket._socket.write(rawClose(code));
  },
  cut: (socket) => socket.terminate(),
  ping: (socket, data) => socket.ping(data),
};

server.on('connection', (socket, request) => {
  const url = new URL(request.url, 'http://agent');
  const record = { protocol: socket.protocol, extensions: socket.extensions, messages: [], error: null };
  record.ended = new Promise((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  seen.set(url.pathname, record);
  const act = doings[url.searchParams.get('do') ?? 'echo'];
  socket.on('message', (data, isBinary) => {
    record.messages.push({ bytes: data.length, isBinary, hash: createHash('sha256').update(data).digest('hex') });
    act(socket, data, isBinary, url.searchParams);
  });
  socket.on('pong', (data) => socket.send(`pong ${data}`));
  socket.on('error', (error) => (record.error = error.code ?? error.message));
});

server.on('listening', () => console.log(JSON.stringify({ port: server.address().port })));
readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const record = seen.get(JSON.parse(line).path);
  const end = record ? await record.ended : null;
  console.log(JSON.stringify(record ? { ...record, ended: undefined, close: end } : { error: 'never came' }));
}).on('close', () => process.exit(0));
