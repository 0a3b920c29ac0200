/** A mutant for negative controls, loaded with `--import`: guards take what they know for all that there is to know. */
import { RevocationFreshness } from '../../libs/authn/dist/index.js';

Object.defineProperty(RevocationFreshness.prototype, 'isFresh', { get: () => true });
