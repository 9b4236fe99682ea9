// What pip says, in words that tell what to do.

/** Why an installation failed, from all that pip wrote. Being offline comes first: pip goes on to complain of other things. */
export function explained(output: string): string {
  if (/ProxyError|Cannot connect to proxy|Tunnel connection failed|\b407\b/i.test(output)) {
    return 'The proxy could not be reached or refused the connection. Check the setting `http.proxy`, or HTTPS_PROXY.';
  }
  if (/CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError/.test(output)) {
    return 'The certificate of the package index is not trusted, as behind the proxy of a company. Name its certificate in PIP_CERT, or in pip’s configuration.';
  }
  if (
    /NameResolutionError|name resolution|getaddrinfo failed|nodename nor servname|NewConnectionError|Network is unreachable|ConnectTimeout|ReadTimeout|timed out|Connection refused/i.test(
      output,
    )
  ) {
    return 'The package index could not be reached. Is this machine online? Behind a proxy, set `http.proxy`.';
  }
  if (/No space left on device|ENOSPC|not enough space/i.test(output)) {
    return 'The disk is full.';
  }
  const missing = /No matching distribution found for (\S+)/.exec(output)?.[1];
  if (missing) {
    return `The package index has no ${missing} for this Python and this kind of machine.`;
  }
  if (/ensurepip is not available|No module named (ensurepip|venv)/.test(output)) {
    return 'This Python cannot create environments. On Debian or Ubuntu, install python3-venv.';
  }
  const lines = output.trim().split(/\r?\n/);
  const last = lines.filter((line) => /error/i.test(line)).pop() ?? lines.pop() ?? '';
  return last.replace(/^ERROR:\s*/, '').slice(0, 300) || 'It failed without a word.';
}

/** What a line of pip's output means for someone who waits, if anything. */
export function step(line: string): string | undefined {
  const [, name] = /^Collecting ([A-Za-z0-9._-]+)/.exec(line) ?? [];
  if (name) {
    return `looking for ${name}`;
  }
  const [, file, size] = /^\s*Downloading (\S+?)(?:-\d\S*)? \(([\d.]+ [kMG]B)\)/.exec(line) ?? [];
  if (file) {
    return `downloading ${file.split('/').pop()} (${size})`;
  }
  return /^Installing collected packages/.test(line) ? 'unpacking' : undefined;
}
