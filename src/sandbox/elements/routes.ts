import { serve, type Route } from '../http/route.ts';
import { listAuthenticationTypes, listRequiredKeys } from './authentication-types.ts';
import { cloneElement, deleteElement } from './cloning.ts';
import { listElementKeys, listElements, readElement, readElementConfiguration } from './elements.ts';
import { readMetadata } from './metadata.ts';
import { readOAuthUrl, readRequestToken, writeOAuthUrl } from './oauth.ts';

/** The catalogue, clones, and what an OAuth exchange begins with (docs: operations, SDK18, CH18). */
export const elementRoutes: readonly Route[] = [
  serve('/elements', { GET: listElements }),
  serve('/elements/keys', { GET: listElementKeys }),
  serve('/elements/{keyOrId}', { GET: readElement, DELETE: deleteElement }),
  serve('/elements/{keyOrId}/configuration', { GET: readElementConfiguration }),
  serve('/elements/{keyOrId}/authentication-types', { GET: listAuthenticationTypes }),
  serve('/elements/{keyOrId}/authentication-types/{type}/configurations', { GET: listRequiredKeys }),
  serve('/elements/{elementId}/metadata', { GET: readMetadata }),
  serve('/elements/{keyOrId}/clone', { POST: cloneElement }),
  serve('/elements/{keyOrId}/oauth/url', { GET: readOAuthUrl, POST: writeOAuthUrl }),
  serve('/elements/{keyOrId}/oauth/token', { GET: readRequestToken }),
];
