// A client by the npm package ws: a line of JSON on standard input is one connection and what is done on it, the line
// that answers is what became of it.
'use strict';
const { createHash } = require('node:crypto');
const http2 = require('node:http2');
const path = require('node:path');
const readline = require('node:readline');
const WebSocket = require('ws');

const library = path.join(path.dirname(require.resolve('ws')), 'lib');
const PerMessageDeflate = require(path.join(library, 'permessage-deflate.js'));
const extension = require(path.join(library, 'extension.js'));

// The package has no client for RFC 8441: the stream of an extended CONNECT is put below it.
function connectOver2(order) {
  const base = new URL(order.base);
  const session = http2.connect(`http://${base.host}`);
  const deflate = new PerMessageDeflate({ threshold: 0, isServer: false, maxPayload: 64 << 20 });
  const socket = new WebSocket(null, undefined, { autoPong: true, maxPendingAutoPongs: 100, closeTimeout: 30000 });
  socket._isServer = false;
  session.on('error', (error) => socket.emit('error', error));
  session.on('remoteSettings', () => {
    const headers = {
      ':method': 'CONNECT', ':protocol': 'websocket', ':path': order.path, ':scheme': 'http', ':authority': order.host,
      'sec-websocket-version': '13',
    };
    if (order.compress) headers['sec-websocket-extensions'] = extension.format({ 'permessage-deflate': deflate.offer() });
    if (order.protocols) headers['sec-websocket-protocol'] = order.protocols.join(', ');
    const stream = session.request(headers);
    stream.on('close', () => session.close());
    stream.on('error', (error) => { if (socket.readyState === WebSocket.CONNECTING) socket.emit('error', error); });
    stream.on('response', (answer) => {
      if (answer[':status'] !== 200) {
        socket.emit('error', new Error(`status ${answer[':status']}`));
        return;
      }
      const agreed = answer['sec-websocket-extensions'];
      if (agreed) {
        deflate.accept(extension.parse(agreed)['permessage-deflate']);
        socket._extensions['permessage-deflate'] = deflate;
      }
      socket._protocol = answer['sec-websocket-protocol'] ?? '';
      socket.setSocket(stream, Buffer.alloc(0), { allowSynchronousEvents: true, maxPayload: 64 << 20 });
    });
  });
  socket.cut = () => { socket._socket.close(http2.constants.NGHTTP2_CANCEL); };
  return socket;
}

function connect(order) {
  if (order.version === 2) return connectOver2(order);
  const socket = new WebSocket(order.base + order.path, order.protocols ?? [], {
    perMessageDeflate: order.compress ? { threshold: 0 } : false,
    maxPayload: 64 << 20,
    headers: { Host: order.host },
  });
  socket.cut = () => socket.terminate();
  return socket;
}

// Octets that compress a little and tell their place.
function message(order) {
  const data = Buffer.alloc(order.bytes ?? 5);
  for (let at = 0; at < data.length; at++) data[at] = 97 + ((at ^ (at >> 7)) % 26);
  return order.text ?? (order.isBinary ? data : data.toString('latin1'));
}

// A close frame from a client is masked; a mask of zeros changes nothing.
const rawClose = (code) => Buffer.from([0x88, 0x82, 0, 0, 0, 0, code >> 8, code & 0xff]);

const doings = {
  send: (socket, order) => socket.send(message(order)),
  fragments: (socket, order) => {
    const data = Buffer.from(message(order));
    const third = Math.ceil(data.length / 3);
    for (let part = 0; part < 3; part++) {
      socket.send(data.subarray(part * third, (part + 1) * third), { binary: order.isBinary, fin: part === 2 });
      if (part === 0) socket.ping('between');
    }
  },
  ping: (socket) => socket.ping('are you there'),
  close: (socket, order) => (order.code ? socket.close(order.code, order.reason ?? '') : socket.close()),
  rawClose: (socket, order) => socket._socket.write(rawClose(order.code)),
  cut: (socket) => socket.cut(),
};

const run = (order) => new Promise((resolve) => {
  const told = { messages: [], pongs: [], error: null };
  const socket = connect(order);
  socket.on('open', () => {
    told.protocol = socket.protocol;
    told.extensions = Object.keys(socket._extensions).join();
    doings[order.do ?? 'send'](socket, order);
  });
  socket.on('message', (data, isBinary) => {
    const text = data.length < 100 ? data.toString() : null;
    told.messages.push({ bytes: data.length, isBinary, text, hash: createHash('sha256').update(data).digest('hex') });
    if (order.closeAfter) socket.close(1000);
  });
  socket.on('pong', (data) => {
    told.pongs.push(data.toString());
    if (order.do === 'ping') socket.close(1000);
  });
  socket.on('close', (code, reason) => resolve({ ...told, close: { code, reason: reason.toString() } }));
  socket.on('error', (error) => {
    told.error = error.code ?? error.message;
    if (socket.readyState === WebSocket.CONNECTING) resolve(told);
  });
});

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  console.log(JSON.stringify(await run(JSON.parse(line))));
}).on('close', () => process.exit(0));
