import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createWire, type Wire } from './wire.ts';

const REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
let server: Server;
let wire: Wire;
let connections = 0;

/** A server that does this with each request. */
async function serve(onRequest: (socket: Socket, turn: number) => void, boundMs = 5_000): Promise<void> {
  connections = 0;
  let turn = 0;
  server = createServer((socket) => {
    connections++;
    socket.on('error', () => {}).on('data', () => onRequest(socket, turn++));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  wire = createWire({ port: (server.address() as AddressInfo).port, boundMs });
}

afterEach(() => {
  wire.close();
  server.close();
});

const answer = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

describe('the wire of the series', () => {
  it('tells of an answer that never comes', async () => {
    await serve(() => {}, 100);
    expect(await wire.send(REQUEST, 'GET')).toMatchObject({ status: 'hang' });
  });

  it('tells of an answer that ends too soon', async () => {
    await serve((socket) => socket.end(answer('whole').slice(0, -2)));
    expect(await wire.send(REQUEST, 'GET')).toMatchObject({ status: 'closed' });
  });

  it('tells of what is no HTTP', async () => {
    await serve((socket) => socket.write('at Object.<anonymous>\r\n\r\n'));
    expect(await wire.send(REQUEST, 'GET')).toMatchObject({ status: 'unreadable' });
  });

  it('reads an answer in pieces, in chunks, after an interim one, and without a body', async () => {
    const texts = [
      ...answer('ab'),
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n',
    ];
    await serve((socket, turn) => {
      if (turn > 0)
        return socket.write(turn === 1 ? (texts.at(-1) ?? '') : 'HTTP/1.1 204 No Content\r\n\r\n');
      for (const piece of texts.slice(0, -1)) socket.write(piece);
    });
    expect(await wire.send(REQUEST, 'GET')).toMatchObject({ status: 200, body: 'ab' });
    expect(await wire.send(REQUEST, 'GET')).toMatchObject({ status: 200, body: 'ab' });
    expect(await wire.send(REQUEST, 'GET')).toMatchObject({ status: 204, body: '' });
    expect(connections).toBe(1);
  });

  it('asks once more where a connection ends between two requests, on a new one', async () => {
    await serve((socket, turn) => (turn === 1 ? socket.destroy() : socket.write(answer(`${turn}`))));
    expect(await wire.send(REQUEST, 'GET')).toMatchObject({ body: '0' });
    expect(await wire.send(REQUEST, 'GET')).toMatchObject({ body: '2' });
    expect(connections).toBe(2);
  });
});
