// Contract to service, for certificates.
import type { Handlers } from '../../dispatch.ts';
import type { Proofs } from './service.ts';

type Own = 'retention.verify' | 'retention.certificate' | 'retention.readCertificate' | 'retention.writeCertificate';

export function proofsHandlers(proofs: Proofs): Handlers<Own> {
  return {
    'retention.verify': (input, { signal }) => proofs.verify(input, signal),
    'retention.certificate': ({ id }) => proofs.certificate(id),
    'retention.readCertificate': ({ path }) => proofs.read(path),
    'retention.writeCertificate': (input) => proofs.write(input),
  };
}
