import { describe, expect, it, vi } from 'vitest';
import { createDevicePolling } from '../../cli/sign-in/device-polling.ts';
import { openBrowser } from '../../cli/sign-in/open-browser.ts';
import { signInFolder } from '../../cli/sign-in/places.ts';
import { createSignInLimit } from '../../cli/sign-in/sign-in-limit.ts';

describe('the folder of sign-ins', () => {
  it.each([
    ['linux', {}, '/home/ana/.local/state/outrider'],
    ['linux', { XDG_STATE_HOME: '/state' }, '/state/outrider'],
    ['linux', { XDG_STATE_HOME: 'relative' }, '/home/ana/.local/state/outrider'],
    ['darwin', { XDG_STATE_HOME: '/state' }, '/home/ana/Library/Application Support/Outrider'],
    ['win32', { LOCALAPPDATA: 'C:\\L' }, 'C:\\L\\Outrider'],
  ] as const)('%s %j: %s', (platform, env, folder) => {
    expect(signInFolder({ platform, env, home: '/home/ana' })).toBe(folder);
  });
});

describe('opening a browser', () => {
  const PAGE = 'https://login.example/';

  it.each([
    ['linux', { SSH_CONNECTION: 'x' }, 'ssh'],
    ['darwin', { SSH_TTY: 'x' }, 'ssh'],
    ['linux', {}, 'no-display'],
    // There is no such program here.
    ['win32', {}, 'failed'],
  ] as const)('is not tried where nobody would see it: %s %j', async (platform, env, why) => {
    expect(await openBrowser(PAGE, { platform, env })).toBe(why);
  });

  it.each(['file:///etc/passwd', 'javascript:1', 'http://login.example/', 'xterm', ''])(
    'is not done for %j',
    async (url) => {
      expect(await openBrowser(url, { platform: 'linux', env: { DISPLAY: ':0' } })).toBe('failed');
    },
  );
});

describe('waiting for a device code', () => {
  const TOKEN = 'https://login.example/token';
  const body = 'grant_type=device_code&device_code=d';

  /** Plays the answers in turn; gives back how long was waited before each. */
  function play(answers: readonly object[]) {
    const waits: number[] = [];
    let next = 0;
    const polling = createDevicePolling({
      clock: {
        async sleep(ms, signal) {
          signal?.throwIfAborted();
          waits.push(ms);
        },
      },
      async fetch() {
        const answer = answers[next];
        next += 1;
        if (answer === undefined) throw new Error('asked too often');
        return Response.json(answer, { status: 'error' in answer ? 400 : 200 });
      },
    });
    return { polling, waits };
  }

  it('asks at the interval it was given, slower when told so, until the answer is final', async () => {
    const { polling, waits } = play([
      { device_code: 'd', interval: 3 },
      { error: 'authorization_pending' },
      { error: 'slow_down' },
      { error: 'authorization_pending' },
      { access_token: 't' },
    ]);
    await polling('https://login.example/devicecode', { method: 'POST', body: 'client_id=c' });
    const answer = await polling(TOKEN, { method: 'POST', body });
    expect(await answer.json()).toEqual({ access_token: 't' });
    expect(waits).toEqual([3_000, 3_000, 8_000, 8_000]);
  });

  it('gives any other refusal back, and ends when the person gives up', async () => {
    const { polling } = play([{ error: 'authorization_declined' }]);
    expect(await (await polling(TOKEN, { body })).json()).toEqual({ error: 'authorization_declined' });
    const signal = AbortSignal.abort(new Error('cancelled'));
    await expect(play([]).polling(TOKEN, { body, signal })).rejects.toThrow('cancelled');
  });

  it('leaves other grants alone', async () => {
    const { polling, waits } = play([{ error: 'authorization_pending' }]);
    const answer = await polling(TOKEN, { body: 'grant_type=refresh_token&refresh_token=r' });
    expect([answer.status, waits]).toEqual([400, []]);
  });
});

it('a sign-in that nobody ends is over after its time, and says what to do', () => {
  vi.useFakeTimers();
  try {
    const limit = createSignInLimit(300_000);
    vi.advanceTimersByTime(299_999);
    expect(limit.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(limit.signal.reason).toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/within 5 minutes.*Try again.*outrider login --device-code/),
    });
    limit.dispose();
    const ended = createSignInLimit(300_000);
    ended.dispose();
    expect([vi.getTimerCount(), process.listenerCount('SIGINT')]).toEqual([0, 0]);
  } finally {
    vi.useRealTimers();
  }
});
