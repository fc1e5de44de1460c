/** A resource goes by its name with and without a slash at the end. */
export function withoutSlash(name: string): string {
  return name.replace(/\/$/, '');
}
