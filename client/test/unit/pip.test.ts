import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explained, step } from '../../src/pip';

const RETRY = `WARNING: Retrying (Retry(total=1)) after connection broken by 'NewConnectionError(': Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/libcst/
ERROR: Could not find a version that satisfies the requirement libcst>=1.9 (from versions: none)
ERROR: No matching distribution found for libcst>=1.9`;

test('being offline is told before what pip concludes from it', () => {
  assert.match(explained(RETRY), /could not be reached\. Is this machine online/);
});

test('a proxy, a certificate, a full disk and a missing build are told apart', () => {
  assert.match(explained("ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407'))"), /proxy/);
  assert.match(explained('SSLError(SSLCertVerificationError(1, CERTIFICATE_VERIFY_FAILED))'), /certificate/);
  assert.match(explained('OSError: [Errno 28] No space left on device'), /disk is full/);
  assert.match(explained('ERROR: No matching distribution found for tensorflow-cpu'), /has no tensorflow-cpu for this/);
  assert.match(explained('ensurepip is not available.\napt install python3.11-venv'), /install python3-venv/);
});

test('anything else is told in its own words', () => {
  assert.equal(explained('Collecting x\nERROR: Package x needs Python 4\n'), 'Package x needs Python 4');
  assert.match(explained(''), /without a word/);
});

test('the steps are those that take time', () => {
  assert.equal(step('Collecting numpy>=1.26'), 'looking for numpy');
  assert.equal(step('  Downloading numpy-2.4-cp311-manylinux.whl (16.6 MB)'), 'downloading numpy (16.6 MB)');
  assert.equal(step('Installing collected packages: numpy'), 'unpacking');
  assert.equal(step('Requirement already satisfied: numpy'), undefined);
});
