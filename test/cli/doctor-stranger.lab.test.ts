import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { deploymentFindings } from '../../cli/commands/doctor/deployment.ts';

test.each([
  ['a page of somebody else', 200, '<html>'],
  ['an app to which nothing is published', 404, ''],
  ['an Outrider that lets everybody in', 200, '{"status":"ok"}'],
])('%s: told what it is, and no token is even looked for', async (_, status, body) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization?.slice(0, 20) ?? '-'}`);
    response.writeHead(status).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const found = await deploymentFindings({ url: `http://127.0.0.1:${port}` });
    expect(found.filter(({ ok }) => !ok).length).toBeGreaterThan(0);
    expect(found.map(({ what }) => what)).not.toContain('inside');
    // The forged one, which names no real caller, goes to what says that it is Outrider, and nowhere else.
    const forged = asked.filter((line) => line.includes('Bearer'));
    expect(forged).toHaveLength(body.startsWith('{') ? 1 : 0);
    expect(new Set(asked.map((line) => line.split(' ')[0])).size).toBe(body.startsWith('{') ? 2 : 1);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
