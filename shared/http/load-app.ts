import type { Outrider } from '../app.ts';

let app: Promise<Outrider> | undefined;

/**
 * The composition root, loaded on first use: what registers functions stays small, so that a cold worker is ready
 * soon. The build keeps `app.ts` a file of its own.
 */
export async function loadApp(): Promise<{ readonly app: Outrider }> {
  app ??= import('../app.ts').then(
    ({ createOutrider }) => createOutrider(),
    (error) => {
      app = undefined;
      throw error;
    },
  );
  return { app: await app };
}
