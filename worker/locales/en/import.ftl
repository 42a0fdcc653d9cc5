# The texts of `worker import`, each on one line.

import-left-client = client { $row } ({ $about }): { $why }
import-left-booking = booking { $row } ({ $about }): { $why }
import-left-message = message { $row }: { $why }

why-no-account = no account of Telegram
why-account-twice = the same account as client { $other }, who is newer
why-phone-missing = no phone
why-phone-unreadable = the phone is not readable
why-phone-twice = the same phone as client { $other }, who is newer
why-phone-of-other = another account has registered this phone here
why-other-phone = the account has registered another phone here
why-deleted = this person's data were deleted here
why-code-missing = no code
why-code-unusable = the code is longer than 100 characters, or has invisible ones
why-code-twice = the same code as booking { $other }, which is newer
why-status-missing = no status
why-status-unknown = unknown status "{ $word }"
why-start-missing = no time
why-start-impossible = there is no such time: "{ $text }"
why-duration-missing = no duration
why-duration-impossible = there is no such duration: "{ $text }"
why-booking-phone = taken over without a phone: none is readable
why-rating = taken over without its rating: "{ $text }" is not 1 to 5
why-kind-missing = no type
why-kind-unknown = unknown type "{ $word }"
why-sent-missing = no time
why-sent-unreadable = the time is not readable
why-no-booking = its booking is missing or was left out

import-clients = Clients: { $rows } rows, { $new } new, { $known } known here, { $left } left out
import-bookings = Bookings: { $rows } rows, { $new } new, { $changed } changed, { $known } unchanged, { $left } left out
import-messages = Messages of the former bot: { $rows } rows, { $new } new, { $known } known here, { $left } left out
import-planned = Reminders and questions: { $planned } planned, { $cancelled } messages not needed any more
import-done = Nobody was notified. The import can be repeated: it brings what has changed since.
import-dry-run = Nothing was written (--dry-run).

import-no-tables = this is not the database of the former bot: there are no tables { $tables }
import-own-database = this is a database of the present system: --from names the former bot's
