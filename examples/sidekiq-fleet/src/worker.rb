# Started by: sidekiq -r ./worker.rb
require 'sidekiq'
require 'sidekiq-reliable-fetch'
require_relative 'resize'

Sidekiq.configure_server do |config|
  # How often dead workers, of Ruby and of ours, are looked for, in seconds; an hour by default.
  config.options[:cleanup_interval] = 60
  # How often this process asks whether it is time for that, in seconds.
  config.options[:lease_interval] = 5
  # Without this a job is in no durable place while it runs: a kill loses it.
  Sidekiq::ReliableFetch.setup_reliable_fetch!(config)
  config.on(:startup) { puts "ruby worker ready, pid #{Process.pid}" }
end
