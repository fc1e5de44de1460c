// Plain JavaScript for any Node: says what to do before a newer syntax or an ignored setting does harm.
// Node before 24.5 ignores NODE_USE_ENV_PROXY and would send the lab's traffic outside.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 5)) {
  console.error(
    `outrider: needs Node 24.5 or newer, this is ${process.versions.node} (${process.execPath}). ` +
      'Run it by npm or npx in this folder after "npm ci", which brings Node 24, or install Node 24.',
  );
  process.exit(2);
}
