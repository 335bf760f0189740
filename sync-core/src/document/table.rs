//! The table of kinds: every kind of document but the visit, with its fields and what fits into each.
//!
//! A rule finds a field as the attribute of that name. Codes and names never change their meaning; a kind goes in at the
//! end with the next code, a field at the end of its kind.

/// Hands the whole table to another macro, so that kinds, schemas and facts are declared by the same lines.
macro_rules! table {
    ($declare:ident) => {
        $declare! {
            /// A line of a plan: one visit that is meant to be made.
            PlanLine = 2, PLAN_LINE "plan_line": form WORD, planned TIME, place LINE, staff WORDS, level WORDS,
                purpose LINE, content LONG_LINE, expected_effect LINE, interests LONG_LINE, attendees WORDS,
                resources LINE, profile WORDS, reviewed FLAG, hours_of_stay COUNT, change LINE, theme LINE;
            /// A form for a period, or about something; it counts once it is handed in.
            Form = 3, FORM "form": name WORD, from TIME, until TIME, copies COUNT, fields WORDS, to WORDS;
            /// Somebody read, compared, signed, forwarded or checked something; about it.
            Review = 4, REVIEW "review": act WORD, comment LONG_LINE, to WORD, form WORD;
            /// Somebody agreed to something or did not; about the request.
            Approval = 5, APPROVAL "approval": post WORD, agreed FLAG;
            /// Somebody asks for leave to do something.
            Request = 6, REQUEST "request": for WORD, amount MONEY, executed FLAG;
            /// Somebody was told something beforehand; about what is going to happen.
            Notice = 7, NOTICE "notice": to WORD, by WORD, artefact WORD, copies COUNT, channel WORD, fields WORDS,
                customers COUNT;
            /// A complaint; it happened when it was handled.
            Complaint = 8, COMPLAINT "complaint": severity WORD, class WORD, anonymous FLAG, complainant LINE,
                problem LONG_LINE, received TIME, closed TIME, reply_letter FLAG, attachment LINE, urgent FLAG,
                on_visit FLAG;
            /// A repair; it happened when it was finished.
            Repair = 9, REPAIR "repair": area LINE, order LINE;
            /// A cultural or sports activity; it happened when it ended.
            Activity = 10, ACTIVITY "activity": name LINE, participants COUNT;
            /// A suggestion or an opinion.
            Suggestion = 11, SUGGESTION "suggestion": source WORD, department WORD;
            /// A customer moves in.
            MoveIn = 12, MOVE_IN "move_in": flowers FLAG, lift FLAG;
            /// An emergency was dealt with.
            Emergency = 13, EMERGENCY "emergency": name LINE;
            /// A question or problem of a customer.
            Problem = 14, PROBLEM "problem": urgent FLAG, department WORD, on_visit FLAG, complaint FLAG;
            /// An answer or a solution was given; about the problem or complaint.
            Answer = 15, ANSWER "answer": channel WORD, result LINE;
            /// Something promised, left open or passed on, with whom it lies.
            Item = 16, ITEM "item": type WORD, department WORD, due TIME, closed TIME, recorded FLAG, handled FLAG,
                fed_back FLAG;
            /// A customer is received at our place; it happens when they arrive.
            Reception = 17, RECEPTION "reception": type WORD, starts TIME, ends TIME, left TIME, important FLAG,
                level WORD, guests COUNT, hosts COUNT, purpose LINE, dishes COUNT, bill MONEY, drinks MONEY,
                stages WORDS, president FLAG, booked FLAG, checklist WORDS, fields WORDS, photo FLAG,
                photo_consent FLAG, amount MONEY, spent MONEY;
            /// A part of a reception: a tour, a meal.
            Programme = 18, PROGRAMME "programme": type WORD, fixed FLAG, place LINE;
            /// A visitor signs in at the desk.
            Visitor = 19, VISITOR "visitor": booked FLAG, identity WORD, name LINE, company LINE, contact LINE,
                purpose WORD, badge LINE, signed FLAG, left TIME, logged FLAG, class WORD, trained FLAG,
                escorted FLAG, arrived_as COUNT, served_as COUNT;
            /// A step of a process was reached; about the process.
            Stage = 20, STAGE "stage": name WORD, with WORDS, fields WORDS, process WORD;
            /// Something was delivered or posted to a customer.
            Delivery = 21, DELIVERY "delivery": item WORD, way WORD, archived FLAG;
            /// Somebody was checked by phone or by an unannounced visit.
            SpotCheck = 22, SPOT_CHECK "spot_check": method WORD, checked ID;
            /// A meeting, training, survey or report took place.
            Event = 23, EVENT "event": name WORD, covers WORDS;
            /// A customer's file as it stands after a change.
            File = 24, FILE "file": fields WORDS, owners COUNT, contacts WORDS, important FLAG, new FLAG;
            /// A customer's figures of a year, for grading.
            Assessment = 25, ASSESSMENT "assessment": usage MONEY, share COUNT, years COUNT, frequency WORD,
                scale WORD, payment WORD, potential WORD, profit MONEY, type WORD, quality WORDS, credit WORD,
                company_sales MONEY, region LINE, willingness WORD, profitability WORD;
            /// Something was found that costs points.
            Finding = 26, FINDING "finding": name WORD;
            /// Who belongs to a team or department.
            Team = 27, TEAM "team": functions WORDS, managers COUNT, deputies COUNT, name WORD;
            /// A business trip; it happens on departure.
            Trip = 28, TRIP "trip": region LINE, until TIME;
            /// Somebody who may decide lets obligations off or asks for another number; about the thing, the customer or
            /// the person they are about.
            Exception = 29, EXCEPTION "exception": pack LINE, rule LINE, part COUNT, person ID, from TIME, until TIME,
                required COUNT, withdrawn FLAG, reason WORD;
        }
    };
}
pub(crate) use table;
