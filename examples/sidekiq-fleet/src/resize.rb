require 'sidekiq'

# Sidekiq 6.4 does not look at what SADD returns, of which redis-rb 4.8 warns at every push.
Redis.sadd_returns_boolean = false if Redis.respond_to?(:sadd_returns_boolean=)

# The job in Ruby. Class and arguments are all that the two languages agree on.
class Resize
  include Sidekiq::Worker

  def perform(image, ms)
    note 'begins', image
    sleep ms / 1000.0
    note 'done', image
  end

  private

  # Appends a line to the journal that the workers of both languages share.
  def note(what, image)
    File.open(ENV.fetch('JOURNAL', 'journal.txt'), 'a') do |file|
      file.syswrite("#{what} #{image} ruby-#{Process.pid}\n")
    end
  end
end
