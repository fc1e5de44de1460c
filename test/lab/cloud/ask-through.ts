import { Agent, request } from 'node:https';
import type { Frame } from './harness.ts';

export interface Reply {
  readonly status: number | undefined;
  readonly headers: Record<string, unknown>;
  readonly text: string;
}

export interface AskOptions {
  readonly method?: string;
  /** `echo.example.com` when missing. */
  readonly host?: string;
  readonly body?: string;
  readonly headers?: object;
}

/** A request through the proxy's tunnel, from this process, TLS checked against the lab's authority. */
export async function askThrough(
  frame: Frame,
  path: string,
  { host = 'echo.example.com', method = 'GET', headers = {}, body }: AskOptions = {},
): Promise<Reply> {
  const agent = new Agent({ ca: frame.authority, proxyEnv: { HTTPS_PROXY: frame.proxy.url } });
  return new Promise<Reply>((resolve, reject) => {
    const outgoing = request(
      { host, servername: host, path, agent, method, headers: { ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  }).finally(() => agent.destroy());
}
