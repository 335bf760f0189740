//! Figures lead to a grade: one obligation for each set of figures that a band takes.

use super::{
    super::{Company, Fact, Fulfilment, Obligation, Pack, Rule, Subject, part::Band, rule::Part},
    Asked,
};

impl Asked<'_> {
    pub(super) fn band(self, part: &Band, subject: Subject) -> Option<Obligation> {
        let Subject::Fact(id) = subject else { return None };
        let figures = self.world.facts.get(id)?;
        if !self.takes(&part.figures, figures) || !self.in_force(self.day(figures.at)?) {
            return None;
        }
        let mut owed = self.obligation(subject);
        owed.counted.push(figures.id);
        let possible = grades(self.pack, figures, self.world.company);
        if possible.len() > 1 {
            return Some(owed.not_evaluable(format!("one of {}", possible.join(", "))));
        }
        let Some(customer) = figures.customer else { return Some(owed.not_evaluable("customer")) };
        let holds = self.world.company.grade_at(customer, self.world.now) == Some(&*part.grade);
        owed.done = (u32::from(holds), 1);
        owed.state = if holds { Fulfilment::Met } else { Fulfilment::Breached };
        Some(owed)
    }
}

/// The grades that figures lead to under a pack: one if all is well, none if they are in no band, several if bands
/// overlap.
pub fn grades<'p>(pack: &'p Pack, figures: &Fact, company: &Company) -> Vec<&'p str> {
    let mut grades: Vec<&str> = pack
        .rules
        .iter()
        .flat_map(Rule::parts)
        .filter_map(|part| match part {
            Part::Band(band) if band.figures.takes(figures, company) => Some(&*band.grade),
            _ => None,
        })
        .collect();
    grades.dedup();
    grades
}
