/** A page that the browser shows after sign-in. */
export interface Page {
  readonly html: string;
}

/** Nothing that came with a request is ever in one of them. */
export const PAGES = {
  signedIn: page(
    'Signed in',
    'You are signed in to Outrider. You can close this page and go back to the terminal.',
  ),
  refused: page('Not signed in', 'You are not signed in. The terminal says why. You can close this page.'),
  strange: page(
    'Not from this sign-in',
    'This page does not belong to a sign-in that is under way. Begin again in the terminal: outrider login',
  ),
  nothing: page('Nothing here', 'There is nothing at this address.'),
} as const satisfies Record<string, Page>;

function page(title: string, text: string): Page {
  return {
    html: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} - Outrider</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:20vh auto;padding:0 1rem;color-scheme:light dark}</style>
<h1>${title}</h1>
<p>${text}</p>
</html>
`,
  };
}
