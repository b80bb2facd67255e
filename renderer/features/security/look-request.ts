// That another place asked for a look at a deployment: the security screen then shows what would be sent. It sends nothing.
import { create } from 'zustand';

/** The deployment whose look was asked for; null when none was. */
export const useLookRequest = create<{ readonly deploymentId: string | null }>()(() => ({ deploymentId: null }));

export const requestLook = (deploymentId: string | null): void => useLookRequest.setState({ deploymentId });
