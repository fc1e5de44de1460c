/** The address of a request, asking for the page after this one: `parameter` is set, all else stays. */
export function nextLink(
  requestUrl: string,
  parameter: 'after' | 'continuationToken',
  value: string,
): string {
  const link = new URL(requestUrl);
  link.searchParams.set(parameter, value);
  return link.href;
}
