import { serve, type Route } from '../http/route.ts';
import { pingVendor } from './ping.ts';

/** What an instance is used for: calls that go to the vendor behind it. */
export const vendorRoutes: readonly Route[] = [
  serve('/ping', { GET: pingVendor }, 'vendor'),
  serve('/hubs/{hub}/ping', { GET: pingVendor }, 'vendor'),
];
